"""What stands in addresses: numbers that a database can hold."""

from django.urls import register_converter
from django.urls.converters import IntConverter

LARGEST = 2**63 - 1


class NumberConverter(IntConverter):
    """A number; with a larger one than an id can be, an address leads nowhere."""

    def to_python(self, value: str) -> int:
        number = super().to_python(value)
        if number > LARGEST:
            raise ValueError(value)
        return number


register_converter(NumberConverter, "number")
