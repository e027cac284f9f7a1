"""What is on the screen, as light and dark: pictures are read by the browser itself."""

from __future__ import annotations

import base64
from itertools import combinations

from playwright.sync_api import Locator, Page

#: As many as a person tells apart at a glance: less than this share of differing pixels is the same picture.
_APART = 0.04
_READ = """async (encoded) => {
  const bytes = Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const sheet = new OffscreenCanvas(32, 32).getContext("2d");
  sheet.drawImage(picture, 0, 0, 32, 32);
  const { data } = sheet.getImageData(0, 0, 32, 32);
  const share = [0.2126, 0.7152, 0.0722]; // of each colour in the luminance
  return Array.from({ length: 1024 }, (_, at) => share.reduce((sum, one, part) => sum + one * data[4 * at + part], 0));
}"""


def shape(blank: Page, seen: Locator) -> frozenset[int]:
    """Which of 32 × 32 points stand out from the corner of the picture, whatever their colour. `blank`: a page without
    a policy that would forbid it to look."""
    light: list[float] = blank.evaluate(_READ, base64.b64encode(seen.screenshot(animations="disabled")).decode())
    return frozenset(at for at, one in enumerate(light) if abs(one - light[0]) > 40)  # of 255


def alike(shapes: dict[str, frozenset[int]]) -> list[str]:
    """Pairs that look the same, and what cannot be seen at all."""
    unseen = [name for name, points in shapes.items() if len(points) < _APART * 1024]
    pairs = combinations(shapes.items(), 2)
    return unseen + [f"{one} and {other}" for (one, a), (other, b) in pairs if len(a ^ b) < _APART * 1024]
