"""The first start: setting up how we talk, by voice alone."""
