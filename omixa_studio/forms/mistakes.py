"""What may be wrong with models.toml, in the catalogue's own English, to be said in others.

The catalogue writes these with the values in their places; forms/sentences.py finds them again.
"""

from omixa_studio.catalogue.records import N_

WORDS = (N_("a table"), N_("a list"), N_("so large a number"))
MISTAKES = (
    N_("This file cannot be read: %(why)s."),
    N_("%(file)s cannot be read: %(why)s"),
    N_("This file is not UTF-8 text."),
    N_("This file nests its values too deeply."),
    N_("This file is not valid TOML: %(why)s."),
    N_("This file is larger than a megabyte."),
    N_("%(file)s: %(name)s must be a table. An admin has to correct the file."),
    N_("This must be a table of tables, one per model."),
    N_("This must be a table of tables, one per field."),
    N_("This must be a table, such as { enabled = false }."),
    N_('This must be a table, such as { default = "1K" }.'),
    N_('This must be a table, such as { png = "PNG" }.'),
    N_("This model is built in; like is for models that are added."),
    N_("A model's name is up to 100 letters, digits and . _ : / - without spaces."),
    N_("There is no model %(name)s above this one."),
    N_(
        "There is no built-in model of this name. To add it, say which model it is like, or give "
        "%(keys)s."
    ),
    N_("There is no field %(name)s."),
    N_("There is no key %(key)s here; known are %(keys)s."),
    N_("This model has no field n."),
    N_("This model has no field input_images."),
    N_("A model needs a prompt or input_images."),
    N_("This model needs at least %(least)s input images."),
    N_("A mask needs input_images beside it."),
    N_("%(name)s is not an image model that is switched on."),
    N_("%(name)s cannot be the name of a field."),
    N_("%(field)s is always of type %(type)s."),
    N_("Only input_images and mask carry images."),
    N_("A new field needs one."),
    N_("A field of type %(type)s has no such limit."),
    N_("%(low)s is above %(key)s, %(high)s."),
    N_("n needs a minimum of at least 1 and a maximum of up to %(most)s."),
    N_('Money must be written as text, such as "0.04", so that it stays exact.'),
    N_('Money must be text such as "0.04" or a whole number of dollars.'),
    N_(
        "%(value)s is not an amount in dollars: digits, a point and at most six places, such as "
        '"0.04".'
    ),
    N_("This must be a number."),
    N_("This number is not finite, too large or too fine."),
    N_("This must be a whole number from %(low)s to %(high)s."),
    N_("This must be true or false, without quotes."),
    N_("This must be text in quotes."),
    N_("This must be one line of at most 500 characters."),
    N_("This must not be empty."),
    N_('This must be a list of texts, such as ["1K", "2K"].'),
    N_("This list says something twice."),
    N_("This must be a list with some of %(words)s."),
    N_("%(value)s is not one of %(words)s."),
)
