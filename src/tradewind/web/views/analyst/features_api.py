"""Operations of the features page."""

from __future__ import annotations

from fastapi import APIRouter

from tradewind.web.guard import Place
from tradewind.web.projects import open_project
from tradewind.web.views.analyst.features_catalogue import catalogue_of, importances_of
from tradewind.web.views.analyst.features_shapes import (
    FeatureCatalogue,
    FeatureDistribution,
    FeatureImportances,
    FeatureValues,
)
from tradewind.web.views.analyst.features_values import distribution_of, values_of

router = APIRouter()


@router.get("/features/{project}")
def feature_catalogue(place: Place, project: str) -> FeatureCatalogue:
    """Every feature, and which of them the project's model uses."""
    return catalogue_of(open_project(place, project))


@router.get("/features/{project}/importance")
def feature_importance(place: Place, project: str) -> FeatureImportances:
    """What the model leaned on in its latest forecasts out of sample; it is measured when first asked for."""
    return importances_of(open_project(place, project))


@router.get("/features/{project}/values/{feature}")
def feature_values(place: Place, project: str, feature: str, symbol: str) -> FeatureValues:
    """A feature along the bars of a symbol."""
    return values_of(open_project(place, project), feature, symbol)


@router.get("/features/{project}/distribution/{feature}")
def feature_distribution(place: Place, project: str, feature: str) -> FeatureDistribution:
    """A feature in training against later, with how far it drifted."""
    return distribution_of(open_project(place, project), feature)
