"""Tables as people have them, made into the table that every command reads, with each step of it told."""
