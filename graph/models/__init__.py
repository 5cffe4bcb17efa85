"""Language models: a prompt in, pieces of text out. One engine a file; imported only when chosen."""
