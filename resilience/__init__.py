"""The ground floor: what keeps a house standing when one of its engines does not."""
