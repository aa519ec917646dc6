"""Why a trained model forecasts what it does: attributions, what it rests on, counterfactuals, plain words."""
