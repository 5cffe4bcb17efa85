"""Who may come in, with how much, and with which headers they leave."""
