"""What programs ask, and probes."""

from django.urls import path

from omixa_studio.views import (
    api_budgets,
    api_collections,
    api_costs,
    api_generations,
    api_inputs,
    api_me,
    api_models,
    api_pictures,
    api_schema,
    health,
    mcp,
    openai,
)

PATHS = [
    path("api/v1/me", api_me.me, name="api_me"),
    path("api/v1/openapi.json", api_schema.document, name="api_schema"),
    path("api/v1/models", api_models.models, name="api_models"),
    path("api/v1/estimate", api_models.estimate, name="api_estimate"),
    path("api/v1/generations", api_generations.generations, name="api_generations"),
    path("api/v1/generations/<int:pk>", api_generations.generation, name="api_generation"),
    path("api/v1/generations/<int:pk>/cancel", api_generations.cancel, name="api_cancel"),
    path("mcp", mcp.mcp, name="mcp"),
    path("api/v1/inputs", api_inputs.upload, name="api_inputs"),
    path("api/v1/pictures", api_pictures.search, name="api_pictures"),
    path("api/v1/pictures/<int:pk>", api_pictures.picture, name="api_picture"),
    path("api/v1/pictures/<int:pk>/file", api_pictures.file, name="api_picture_file"),
    path("api/v1/pictures/<int:pk>/thumb", api_pictures.thumb, name="api_picture_thumb"),
    path("api/v1/collections", api_collections.collections, name="api_collections"),
    path("api/v1/collections/<int:pk>", api_collections.collection, name="api_collection"),
    path(
        "api/v1/collections/<int:pk>/restore",
        api_collections.restore,
        name="api_collection_restore",
    ),
    path(
        "api/v1/collections/<int:pk>/pictures",
        api_collections.pictures,
        name="api_collection_pictures",
    ),
    path("api/v1/costs", api_costs.review, name="api_costs"),
    path("api/v1/costs/requests", api_costs.requests, name="api_spent"),
    path("api/v1/budgets", api_budgets.budgets, name="api_budgets"),
    path("api/v1/budgets/requests", api_budgets.asked, name="api_asks"),
    path(
        "api/v1/budgets/requests/<int:pk>/withdraw",
        api_budgets.withdraw,
        name="api_ask_withdraw",
    ),
    path("api/docs", api_schema.page, name="api_docs"),
    path("v1/images/generations", openai.generations, name="v1_generations"),
    path("v1/images/edits", openai.edits, name="v1_edits"),
    path("v1/models", openai.models, name="v1_models"),
    path("v1/models/<path:name>", openai.model, name="v1_model"),
    path("v1/pictures/<str:text>", openai.picture_file, name="v1_picture_file"),
    path("health", health.ready, name="health"),
    path("ready", health.readiness, name="readiness"),
    path("metrics", health.figures, name="metrics"),
]
