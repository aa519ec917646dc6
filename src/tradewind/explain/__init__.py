"""What a trained model rests on, in terms people can check."""
