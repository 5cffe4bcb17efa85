"""End to end on models of true size: from the last sound of speech to the first sound of the answer."""
