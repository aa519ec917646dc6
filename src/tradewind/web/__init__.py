"""The dashboard: one web application over what the other folders keep, with a view for each kind of person."""
