"""How languages write figures where it is not as Django has it."""
