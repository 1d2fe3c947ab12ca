"""Names by which rights are reserved against text and data mining and AI.

Sources keep under these names, in a document's transport, what its response and its site say;
cleaning reads them there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TDM: Final = "tdm-reservation"
POLICY: Final = "tdm-policy"
ROBOTS_TAG: Final = "x-robots-tag"
HEADERS: Final = (TDM, POLICY, ROBOTS_TAG)
"""Response headers that reserve rights; a source keeps them in a document's transport."""

_LONGEST: Final = 300  # characters of a header that are recorded

ROBOTS_TXT: Final = "robots.txt"
CONTENT_SIGNAL: Final = "content-signal"
TDMREP: Final = "tdmrep.json"
"""In a document's transport: AI crawlers that robots.txt denies the address, what its content
signals say, and the reservation (``1``) with its policy that ``/.well-known/tdmrep.json`` has."""

CRAWLERS: Final = (
    "AI2Bot", "Ai2Bot-Dolma", "aiHitBot", "Amazonbot", "amazon-kendra", "Andibot", "anthropic-ai",
    "Applebot-Extended", "Brightbot", "bedrockbot", "Bytespider", "CCBot", "ChatGPT-User",
    "Claude-SearchBot", "Claude-User", "Claude-Web", "ClaudeBot", "cohere-ai",
    "cohere-training-data-crawler", "Cotoyogi", "Crawlspace", "DeepSeekBot", "Diffbot",
    "DuckAssistBot", "FacebookBot", "FirecrawlAgent", "Gemini-Deep-Research",
    "Google-CloudVertexBot", "Google-Extended", "GoogleOther", "GPTBot", "iaskspider",
    "ICC-Crawler", "ImagesiftBot", "img2dataset", "meta-externalagent", "meta-externalfetcher",
    "MistralAI-User", "NovaAct", "OAI-SearchBot", "omgili", "omgilibot", "PanguBot",
    "Perplexity-User", "PerplexityBot", "PetalBot", "QualifiedBot", "SemrushBot-OCOB",
    "TikTokSpider", "Timpibot", "VelenPublicWebCrawler", "Webzio-Extended", "YouBot",
)  # fmt: skip
"""Names by which robots.txt and metas address crawlers that gather texts for AI."""

CRAWLERS_BY_KEY: Final = {name.lower(): name for name in CRAWLERS}


def known_crawler(name: str) -> str | None:
    """Return an AI crawler's name as it writes it; None for another agent."""
    return CRAWLERS_BY_KEY.get(name.strip().lower())


def reservation_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a response that reserve rights, as a transport keeps them."""
    return {name: headers[name][:_LONGEST] for name in HEADERS if name in headers}
