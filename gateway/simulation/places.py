"""Where the synthetic cases are handled: the units of Hubei, each under the instrument it has."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.people import OrganLevel
from domain.regions.tree import Region, RegionTree

PROVINCE_PACK: Final = "hubei_2022"
OF_THE_CITIES: Final = {  # what a city has made of the province's instrument
    "4202": "huangshi",
    "4203": "shiyan",
    "4205": "yichang",
    "4206": "xiangyang",
    "4208": "jingmen",
    "4212": "xianning",
}


@dataclass(frozen=True)
class Place:
    """A unit of administration. `city`: what the codes of one city have in common."""

    code: str  # GB/T 2260, six digits
    name: str
    city: str
    level: OrganLevel

    @property
    def pack(self) -> str:
        """The instrument of the place once the province has its own."""
        return OF_THE_CITIES.get(self.city, PROVINCE_PACK)


def places(tree: RegionTree, province: str, day: date) -> tuple[Place, ...]:
    """The province and every unit in it on that day, by code. `province`: two digits."""
    return tuple(_place(each) for each in tree.on(day) if each.code.startswith(province))


def _place(region: Region) -> Place:
    city = region.code if region.directly_administered else region.code[:4]
    return Place(region.code, region.name, city, OrganLevel(region.level.value))
