"""What the user gives to read, on its way into the library: from the page, a message, or a terminal."""
