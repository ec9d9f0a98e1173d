"""Finding the page of an address: one query for each level of the tree.

Wagtail asks twice for each level, once for the page and once for its specific type, because any type
may stand anywhere. Here the type below a region is a department, and below a department an item.
"""

from django.apps import apps

from servicepages.freshness import read_token_early

GUIDE_DEPTH = 3  # region, department, item


class RoutesToKnownType:
    """For page types that know what stands below them; anything else goes Wagtail's way."""

    routes_to = ""
    routes_with = ()  # relations to fetch along

    def route(self, request, path_components):
        if len(path_components) >= GUIDE_DEPTH:
            read_token_early(request)
        if path_components:
            model = apps.get_model(self.routes_to)
            children = model.objects.child_of(self).filter(slug=path_components[0])
            if self.routes_with:
                children = children.select_related(*self.routes_with)
            child = children.first()
            if child is not None:
                child._cached_parent_obj = self
                return child.route(request, path_components[1:])
        return super().route(request, path_components)
