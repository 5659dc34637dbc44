"""What litellm itself bills, asked in a process of its own.

Reads a JSON list of cases from standard input and writes a list of dollars, null where
litellm has none. Its import takes seconds, and calls the network unless it is told
not to; nothing of that belongs into a test's process.
"""

import json
import logging
import os
import sys
import warnings

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def answer(cases):
    """The dollars of each case."""
    import litellm

    litellm.suppress_debug_info = True
    return [_dollars(litellm, **case) for case in cases]


def _dollars(litellm, *, key, provider, tier, usage):
    from litellm.types.utils import (
        CompletionTokensDetailsWrapper,
        PromptTokensDetailsWrapper,
        Usage,
    )

    said = Usage(
        prompt_tokens=usage["input"],
        completion_tokens=usage["output"],
        total_tokens=usage["input"] + usage["output"],
        prompt_tokens_details=PromptTokensDetailsWrapper(
            cached_tokens=usage["cached"], cache_creation_tokens=usage["cache_write"]
        ),
        completion_tokens_details=CompletionTokensDetailsWrapper(
            reasoning_tokens=usage["reasoning"]
        ),
    )
    try:
        parts = litellm.cost_per_token(
            model=key,
            custom_llm_provider=provider,
            prompt_tokens=usage["input"],
            completion_tokens=usage["output"],
            usage_object=said,
            service_tier=tier or None,
        )
    except Exception:  # noqa: BLE001 - litellm raises bare ones for what it cannot bill
        return None
    return sum(parts)


if __name__ == "__main__":
    answers = answer(json.load(sys.stdin))
    sys.stdout.write("\n" + json.dumps(answers))
