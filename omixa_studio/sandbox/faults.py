"""Misbehaviour on request, as data: a table of names and what each one does.

A fault is written NAME or NAME:ARGUMENT, for instance `status:429,5` or `slow:3`. It is set by
`Sandbox.script`, by POST /_sandbox/script, or by the prompt: `[fault: NAME]`.
"""

import dataclasses
import gzip as gzip_format
import json
import re
from collections.abc import Callable
from decimal import Decimal

from .answers import Answer, Refusal, error_answer, error_body, json_answer
from .bombs import claimed_png, large_png
from .orders import (
    Order,
    answer_normally,
    data_answer,
    draw_pictures,
    picture_answer,
    success,
    verbatim,
)
from .prices import bill

Fault = Callable[[Order, str], Answer]

IN_PROMPT = re.compile(r"\[fault:([^\[\]]*)\]")
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
NO_AMOUNT = "no-amount"
BARE_PAGE = "<html><head><title>%s</title></head><body><h1>%s</h1><hr>proxy</body></html>"


def answer_for(order: Order, fault: str) -> Answer:
    """The answer to an order under a fault ("" = none). Raises Refusal for a bad request."""
    name, _, argument = fault.partition(":")
    return FAULTS[name](order, argument) if name else answer_normally(order)


def check_fault(fault: str) -> str:
    """The fault itself. Raises ValueError when no fault has that name."""
    if fault.partition(":")[0] not in FAULTS:
        raise ValueError(f"There is no fault {fault!r}. There are: {', '.join(sorted(FAULTS))}.")
    return fault


def fault_of_prompt(prompt: str) -> str:
    """The fault a prompt asks for, "" where it asks for none that exists."""
    match = IN_PROMPT.search(" ".join(prompt.split()))
    fault = match[1].strip() if match else ""
    return fault if fault.partition(":")[0] in FAULTS else ""


def status(order: Order, argument: str) -> Answer:
    """`status:503`, `status:503-bare` (a proxy's text), `status:503-html`, and after a comma the
    Retry-After header as it stands (`status:429,5`; for 429 it is 1 unless `,none`)."""
    kind, _, after = argument.partition(",")
    number, _, form = kind.partition("-")
    code = int(number)
    made = {"bare": bare, "html": html}.get(form, error_answer)(code)
    after = after or ("1" if code == 429 else "none")
    headers = () if after == "none" else (("Retry-After", after),)
    return dataclasses.replace(made, headers=headers)


def bare(code: int) -> Answer:
    return Answer(code, b"upstream connect error or disconnect\n", TEXT)


def html(code: int) -> Answer:
    return Answer(code, (BARE_PAGE % (code, code)).encode(), HTML)


def redirect(order: Order, argument: str) -> Answer:
    """307 back to the paid address, or to the address given: a client that follows pays twice."""
    place = argument or "/api/v1/images/generations?moved=1"
    return Answer(307, b"", TEXT, headers=(("Location", place),))


def refuse_policy(order: Order, argument: str) -> Answer:
    """A safety refusal; the documentation does not show one, 422 and the code are a guess."""
    message = "The prompt was refused by the provider's content policy."
    return error_answer(int(argument or 422), message, "content_policy_violation")


def empty_data(order: Order, argument: str) -> Answer:
    """200 without pictures; `empty-data:0.040000` states an amount, otherwise there is none."""
    return amount_only({"created": 1780660800, "data": []}, argument)


def error_in_200(order: Order, argument: str) -> Answer:
    """200 with an error inside; `error-in-200:0.040000` states an amount."""
    return amount_only({"error": error_body(502)}, argument)


def amount_only(payload: dict[str, object], amount: str) -> Answer:
    usage = {"usage": {"billed_amount": amount}} if amount else {}
    return dataclasses.replace(json_answer({**payload, **usage}), billed=amount or None)


def fewer(order: Order, argument: str) -> Answer:
    """Half of the pictures asked for, at least one, and billed by that number."""
    return success(order, max(1, order.valid.count // 2))


def more(order: Order, argument: str) -> Answer:
    """One picture more than asked for, billed by the number asked for."""
    asked = order.valid.count
    return success(order, asked + 1, bill(order.valid.model, order.valid.options, asked))


def bad_base64(order: Order, argument: str) -> Answer:
    """Text that is not base64; `bad-base64:no-amount` leaves the amount out."""
    data = [{"b64_json": "this is *not* base64!", "url": None} for _ in range(order.valid.count)]
    return less_amount(data_answer(order, data, None), argument)


def not_an_image(order: Order, argument: str) -> Answer:
    """Bytes that are no picture; `not-an-image:no-amount` leaves the amount out."""
    text = b"These bytes are no picture at all. " * 8
    return less_amount(picture_answer(order, [text] * order.valid.count), argument)


def pixel_bomb(order: Order, argument: str) -> Answer:
    """A PNG of 20000 x 20000 pixels in 50 kB; `pixel-bomb:header` only claims 60000 x 60000."""
    bomb = claimed_png(60_000) if argument == "header" else large_png(20_000)
    return picture_answer(order, [bomb] * order.valid.count)


def billed(order: Order, argument: str) -> Answer:
    """`billed:TEXT`: any text as the amount."""
    return success(order, billed=argument)


def billed_number(order: Order, argument: str) -> Answer:
    """The amount as a JSON number instead of a string."""
    answer = success(order)
    text = json.dumps(answer.billed).encode()
    return dataclasses.replace(answer, body=answer.body.replace(text, text.strip(b'"')))


def billed_missing(order: Order, argument: str) -> Answer:
    """No usage at all."""
    return less_amount(success(order), NO_AMOUNT)


def less_amount(answer: Answer, argument: str) -> Answer:
    """The same answer; without its usage where the argument is no-amount."""
    if argument != NO_AMOUNT:
        return answer
    payload = json.loads(answer.body)
    del payload["usage"]
    return dataclasses.replace(answer, body=json.dumps(payload).encode())


def billed_odd(order: Order, argument: str) -> Answer:
    """An amount that is no amount: seven places, or the text given (`billed-odd:NaN`)."""
    answer = success(order)
    odd = json.dumps(argument or f"{answer.billed}1").encode()
    return dataclasses.replace(
        answer, body=answer.body.replace(json.dumps(answer.billed).encode(), odd)
    )


def billed_over(order: Order, argument: str) -> Answer:
    """Ten times the list price (or the factor given): more than any hold."""
    usual = Decimal(bill(order.valid.model, order.valid.options, order.valid.count))
    return success(order, billed=f"{usual * int(argument or 10):.6f}")


def billed_by_quality(order: Order, argument: str) -> Answer:
    """`billed-by-quality:low=0.011,high=0.25`: so much a picture; the usual for any other."""
    prices = dict(part.partition("=")[::2] for part in argument.split(","))
    each = prices.get(str(order.valid.options.get("quality", "")))
    if each is None:
        return success(order)
    return success(order, billed=f"{Decimal(each) * order.valid.count:.6f}")


def billed_free(order: Order, argument: str) -> Answer:
    """A picture that costs nothing."""
    return success(order, billed="0.000000")


def truncated_json(order: Order, argument: str) -> Answer:
    """A whole HTTP answer whose JSON stops in the middle."""
    answer = answer_normally(order)
    return dataclasses.replace(answer, body=answer.body[: len(answer.body) // 2], pictures=0)


def broken(manner: str) -> Fault:
    """A normal answer that goes over the wire in a bad way."""

    def fault(order: Order, argument: str) -> Answer:
        return dataclasses.replace(answer_normally(order), manner=manner)

    return fault


def silent(manner: str) -> Fault:
    """No answer at all, and nothing charged."""

    def fault(order: Order, argument: str) -> Answer:
        return Answer(0, b"", manner=manner)

    return fault


def endless(manner: str) -> Fault:
    """An answer that never ends."""

    def fault(order: Order, argument: str) -> Answer:
        return Answer(200, b'{"created": 1780660800, "data": [', manner=manner)

    return fault


def slow(order: Order, argument: str) -> Answer:
    """`slow:SECONDS` before the normal answer."""
    order.wait(float(argument or 5))
    return answer_normally(order)


def url(order: Order, argument: str) -> Answer:
    """Addresses in place of base64: the one given, else one below `picture_url` for each
    picture, which the sandbox keeps and also serves itself."""
    data: list[dict[str, str | None]] = []
    for index, picture in enumerate(draw_pictures(order)):
        name = f"{order.call.number}-{index}"
        order.keep_picture(name, picture)
        data.append({"b64_json": None, "url": argument or f"{order.picture_url}/{name}"})
    return data_answer(order, data, None)


def gzip(order: Order, argument: str) -> Answer:
    """The normal answer, compressed although nobody asked for it."""
    answer = answer_normally(order)
    packed = gzip_format.compress(answer.body, 1)
    return dataclasses.replace(answer, body=packed, headers=(("Content-Encoding", "gzip"),))


def answer_file(order: Order, argument: str) -> Answer:
    """The body prepared by the script, or the one the sandbox was started with."""
    body = order.prepared if order.prepared is not None else order.fixed_answer
    if body is None:
        raise Refusal(500, "No answer was prepared.")
    order.wait(order.seconds)
    return verbatim(body)


def plain(answer: Answer) -> Fault:
    """Always the same answer."""
    return lambda order, argument: answer


FAULTS: dict[str, Fault] = {
    "status": status,
    "redirect": redirect,
    "refuse-policy": refuse_policy,
    "empty-data": empty_data,
    "error-in-200": error_in_200,
    "fewer": fewer,
    "more": more,
    "bad-base64": bad_base64,
    "not-an-image": not_an_image,
    "pixel-bomb": pixel_bomb,
    "billed": billed,
    "billed-number": billed_number,
    "billed-missing": billed_missing,
    "billed-odd": billed_odd,
    "billed-over": billed_over,
    "billed-by-quality": billed_by_quality,
    "billed-free": billed_free,
    "truncated-json": truncated_json,
    "cut": broken("cut"),
    "reset": broken("reset"),
    "reset-mid": broken("reset-mid"),
    "trickle": broken("trickle"),
    "close-before-answer": silent("close"),
    "hang": silent("hang"),
    "drip": endless("drip"),
    "flood": endless("flood"),
    "slow": slow,
    "url": url,
    "gzip": gzip,
    "empty-body": plain(Answer(200, b"")),
    "html-200": plain(Answer(200, (BARE_PAGE % ("Welcome", "Welcome")).encode(), HTML)),
    "text-500": plain(Answer(500, b"Internal Server Error\n", TEXT)),
    "answer-file": answer_file,
}
