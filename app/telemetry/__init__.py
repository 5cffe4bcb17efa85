"""What the house says about itself to those who run it."""
