from collections.abc import Iterable, Mapping

from copydesk.tasks.cleaning.html.page import Page

class Suspects:
    def __init__(
        self,
        phrases: Iterable[str],
        befores: Iterable[str],
        lasts: Iterable[str],
        labels: Iterable[str],
        appeals: Iterable[str],
        starts: Mapping[str, tuple[bool, bool]],
        ends: Mapping[str, bool],
        beginnings: Mapping[str, bool],
    ) -> None: ...
    def among(self, page: Page, body: Iterable[int]) -> set[int]: ...

def starts_differ(texts: list[str], body: list[int], least: int) -> bool: ...
