"""澄清正名: clearing a name of an accusation that was found untrue."""
