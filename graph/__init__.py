"""What to answer: a LangGraph workflow over language models, skills and memory."""
