"""What a person may ask of the house about their own things: take them along, have them erased, have them kept safe."""
