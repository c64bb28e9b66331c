"""The site and, beside it, a view that does nothing behind the same middleware."""

from portefeuille.config import urls as site
from tests.bench.nothing import urlpatterns as beside

urlpatterns = [*beside, *site.urlpatterns]
handler400, handler403 = site.handler400, site.handler403
handler404, handler500 = site.handler404, site.handler500
