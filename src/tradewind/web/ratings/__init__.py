"""What people think of explanations: useful or not, and why."""
