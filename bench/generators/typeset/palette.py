"""The colours that pictures are painted in."""

from __future__ import annotations

from typing import NamedTuple

from bench.generators.typeset.colours import RGB


class Scheme(NamedTuple):
    """Colours that go together: the ground of the lettering, its ink, and another ink for later regions."""

    ground: RGB
    ink: RGB
    accent: RGB


SCHEMES: dict[str, Scheme] = {
    "white": Scheme((250, 250, 248), (24, 24, 28), (164, 28, 36)),
    "cream": Scheme((248, 240, 222), (74, 44, 26), (140, 34, 30)),
    "kraft": Scheme((222, 196, 158), (54, 34, 22), (96, 22, 22)),
    "rice paper": Scheme((240, 234, 218), (30, 28, 26), (150, 30, 30)),
    "mint": Scheme((216, 238, 226), (16, 70, 58), (110, 40, 30)),
    "sky": Scheme((214, 232, 246), (18, 48, 96), (120, 26, 46)),
    "blossom": Scheme((250, 224, 226), (112, 24, 50), (62, 36, 88)),
    "yellow": Scheme((252, 208, 52), (26, 24, 22), (128, 22, 22)),
    "warm grey": Scheme((226, 222, 216), (46, 46, 50), (116, 40, 22)),
    "red and gold": Scheme((158, 20, 28), (255, 226, 150), (255, 255, 255)),
    "navy": Scheme((20, 36, 76), (255, 255, 255), (250, 214, 120)),
    "road green": Scheme((4, 96, 62), (255, 255, 255), (255, 236, 150)),
    "road blue": Scheme((16, 74, 150), (255, 255, 255), (255, 240, 170)),
    "blackboard": Scheme((34, 52, 46), (244, 244, 236), (252, 224, 140)),
    "night": Scheme((22, 20, 28), (255, 240, 214), (255, 196, 110)),
    "wood": Scheme((86, 54, 34), (255, 238, 206), (252, 216, 140)),
    "teal": Scheme((8, 82, 92), (255, 250, 236), (255, 222, 130)),
    "plum": Scheme((76, 28, 66), (255, 236, 240), (250, 208, 150)),
}
"""What lettering stands on and is painted with."""

WALLS: dict[str, RGB] = {
    "plaster": (206, 198, 184),
    "concrete": (158, 160, 162),
    "brick": (150, 92, 74),
    "timber": (134, 104, 78),
    "slate": (88, 96, 104),
    "sage": (160, 174, 152),
    "sand": (214, 190, 150),
    "dusk": (70, 76, 98),
}
"""What a panel hangs on."""

NEON: dict[str, RGB] = {
    "pink": (255, 96, 190),
    "red": (255, 84, 84),
    "orange": (255, 156, 64),
    "yellow": (255, 232, 96),
    "green": (104, 255, 132),
    "cyan": (88, 232, 255),
    "blue": (120, 160, 255),
    "white": (255, 244, 226),
}
"""Glowing tubes, where neon is wished for."""

FILLINGS: dict[str, RGB] = {
    "crimson": (178, 16, 44),
    "orange": (240, 112, 16),
    "gold": (252, 206, 72),
    "leaf": (22, 122, 62),
    "sea": (10, 126, 146),
    "blue": (24, 70, 186),
    "violet": (112, 36, 150),
    "white": (255, 255, 255),
    "black": (10, 10, 14),
}
"""What the ink of lettering runs into, where a gradient or a texture is wished for."""
