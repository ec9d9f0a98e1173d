from servicepages.models.files import Attachment, Picture, Rendition
from servicepages.models.freshness import ContentStamp
from servicepages.models.laws import Law
from servicepages.models.pages import (
    ContentPage,
    DepartmentPage,
    HallIndexPage,
    HomePage,
    RegionPage,
    TopicIndexPage,
)
from servicepages.models.registers import (
    ContactPerson,
    Department,
    Region,
    ServiceHall,
    ServiceWindow,
    Topic,
)
from servicepages.models.service_item import ServiceItemPage, ServicePoint
from servicepages.models.users import User

__all__ = [
    "Attachment",
    "ContactPerson",
    "ContentPage",
    "ContentStamp",
    "Department",
    "DepartmentPage",
    "HallIndexPage",
    "HomePage",
    "Law",
    "Picture",
    "Region",
    "RegionPage",
    "Rendition",
    "ServiceHall",
    "ServiceItemPage",
    "ServicePoint",
    "ServiceWindow",
    "Topic",
    "TopicIndexPage",
    "User",
]
