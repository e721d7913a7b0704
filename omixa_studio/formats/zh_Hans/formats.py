"""Chinese figures in groups of three, as amounts of money are; Django does not group them."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
