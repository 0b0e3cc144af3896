"""打击报复保护: standing by a cadre who suffers for having kept to what is right."""
