"""The endpoints: which there are, what each is asked, and what it answers with."""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from tracker.web.api import asked as ask
from tracker.web.api import schemas
from tracker.web.api.examples import examples
from tracker.web.rendering import MEDIA, Content
from tracker.web.replies import Replies
from tracker.web.view import View

router = APIRouter(generate_unique_id_function=lambda route: route.name)

Row = dict[str, Any]
OfferPath = Annotated[
    str,
    Path(
        max_length=1000,
        pattern=ask.NAME,
        description="As in the address of its page: `openai/gpt-4.1-mini`, "
        "`azure/gpt-4o@eu`; or a source's own key, or a bare name.",
        examples=["openai/gpt-4.1-mini-2025-04-14"],
    ),
]


def _answers(name: str, model: type[schemas.Answer]) -> dict[int | str, Any]:
    """How an endpoint's good answer is described."""
    content = {"application/json": {"example": examples().get(name, {})}}
    words = (model.__doc__ or "").strip()
    return {200: {"model": model, "description": words, "content": content}}


@router.get("/models", responses=_answers("models", schemas.ModelsAnswer))
async def models(
    request: Request, asked: Annotated[ask.ModelsAsked, Query()]
) -> Response:
    """What is sold today.

    One row per offer that has a price, from its best source, in pages.
    """
    from tracker.web.api.answers import models as answer

    return await _reply(request, asked, lambda view: answer(view, asked))


@router.get("/models/{offer:path}", responses=_answers("model", schemas.ModelAnswer))
async def model(
    request: Request, offer: OfferPath, asked: Annotated[ask.Nothing, Query()]
) -> Response:
    """One model.

    Its card, limits and capabilities with the source of each, every rate of today,
    and who else sells a model of this name.
    """
    from tracker.web.api.answers import model as answer

    return await _reply(request, asked, lambda view: answer(view, offer), offer)


@router.get("/prices", responses=_answers("prices", schemas.PricesAnswer))
async def prices(
    request: Request, asked: Annotated[ask.PricesAsked, Query()]
) -> Response:
    """What a model costs, or cost on a day.

    As it is believed now; with `known_at` as it was believed then, with
    `as_published` as each source said it then.
    """
    from tracker.web.api.answers import prices as answer

    return await _reply(request, asked, lambda view: answer(view, asked))


@router.get("/history", responses=_answers("history", schemas.HistoryAnswer))
async def history(
    request: Request, asked: Annotated[ask.HistoryAsked, Query()]
) -> Response:
    """The periods of a model's prices.

    As they are believed, or with `source` as that source said them.
    """
    from tracker.web.api.answers import history as answer

    return await _reply(request, asked, lambda view: answer(view, asked))


@router.get("/changes", responses=_answers("changes", schemas.ChangesAnswer))
async def changes(
    request: Request, asked: Annotated[ask.ChangesAsked, Query()]
) -> Response:
    """The timeline of price changes.

    Each with its verdict. A cursor stands for a place in the timeline, so nothing is
    told twice or left out when changes are added between two pages.
    """
    from tracker.web.api.answers import changes as answer

    return await _reply(request, asked, lambda view: answer(view, asked))


@router.get("/cost", responses=_answers("cost", schemas.CostAnswer))
async def cost(request: Request, asked: Annotated[ask.CostAsked, Query()]) -> Response:
    """What usage costs.

    At the rates of its own day, exact, line by line. What an error of that time made
    of it, and was put right since, stands under `revisions`.
    """
    from tracker.web.api.bills import cost as answer

    return await _reply(request, asked, lambda view: answer(view, asked))


@router.get("/sources", responses=_answers("sources", schemas.SourcesAnswer))
async def sources(request: Request, asked: Annotated[ask.Nothing, Query()]) -> Response:
    """Where prices are read from.

    How fresh each source is, how much it states, and what of it waits for review.
    """
    from tracker.web.api.answers import sources as answer

    return await _reply(request, asked, lambda view: answer(view, asked))


async def _reply(
    request: Request, asked: ask.Asked, answer: Callable[[View], Row], *more: str
) -> Response:
    """An answer as JSON, kept until the state changes."""
    replies: Replies = request.app.state.replies
    key = f"{request.scope['route'].path} {more} {asked.key}"

    def make(view: View) -> Content:
        return told(answer(view), asked)

    return await replies.reply(request, key, make, answer=True)


def told(answer: Row, asked: ask.Asked) -> Content:
    """An answer as JSON, with the address of its next page."""
    following = answer.get("next")
    link = ""
    if following is not None:
        given = asked.model_dump(exclude_none=True, exclude_defaults=True)
        query = urlencode({**given, "cursor": following}, doseq=True)
        link = f'<?{query}>; rel="next"'
    options = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
    return Content(orjson.dumps(answer, _exact, options), MEDIA[".json"], link)


def _exact(value: Any) -> str:
    """A decimal as the command line prints it."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
