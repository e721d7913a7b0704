"""Image models as data, what fits them, and what they cost. Standard library only.

The documented models are the files in `built_in/`. A `models.toml` in the data folder changes
them without a release:

    unknown_price_hold = "0.10"          # dollars held per picture where no price is known
    ask_above = "1.00"                   # a run that holds more dollars is asked about again
    default_model = "gpt-image-1.5"      # what the studio starts with

    [aliases]                            # other names that programs may use
    "gpt-image-1" = "MAI-Image-2.5"
    "dall-e-2" = ""                      # take one of the built-in names away

    [models."imagen-4.0-generate-001"]
    enabled = false                      # switch a model off

    [models."gpt-image-1.5"]
    name = "GPT Image"
    image_price = "0.05"                 # text, never 0.05; "unknown" takes a price away
    prices = [                           # by quality and size: a price, or so many times it
      { quality = "high", times = "4" },
      { quality = "low", size = "1024x1024", price = "0.011" },
    ]
    max_images = 5                       # input images
    max_count = 4                        # pictures of one request
    mask_encoding = "data_url"           # or "image_part", as input images are sent
    mask_confirmed = true                # masks were seen to work with this gateway
    fields.quality.default = "medium"    # what the form starts with
    fields.moderation.advanced = true

    [models."gpt-image-2"]               # add a model with the fields of another
    like = "gpt-image-1.5"
    without = ["input_fidelity"]
    name = "GPT Image 2"

A model unlike any other is added with name, provider, family, operations and its fields, in the
form of the files in `built_in/`. Mistakes are in `Catalogue.problems`.
"""

from .load import CatalogueError, built_in_catalogue, load_catalogue
from .pricing import (
    Bills,
    Estimate,
    PriceKey,
    estimate,
    hold_amount,
    is_doubted,
    key_of,
    list_price,
    price_span,
    usual_seconds,
)
from .records import Catalogue, Fault, Field, ImageModel, PriceRow, Problem
from .rules import check_choice, choice_texts, parse_choice

__all__ = [
    "Bills",
    "Catalogue",
    "CatalogueError",
    "Estimate",
    "Fault",
    "Field",
    "ImageModel",
    "PriceKey",
    "PriceRow",
    "Problem",
    "built_in_catalogue",
    "check_choice",
    "choice_texts",
    "estimate",
    "hold_amount",
    "is_doubted",
    "key_of",
    "list_price",
    "load_catalogue",
    "parse_choice",
    "price_span",
    "usual_seconds",
]
