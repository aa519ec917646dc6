"""GraphQL over the same forecasts."""
