"""Where a request comes from, as the attempt budgets count it."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"


def client_address(request: HttpRequest) -> str:
    """An IPv4 address, an IPv6 /64 (what one household or one server has), or "unknown".

    ``X-Forwarded-For`` is believed only for as many entries, from the right, as there are proxies of ours
    (``settings.TRUSTED_PROXIES``): what stands further left was written by whoever asks.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_PROXIES:
        entries = [entry.strip() for entry in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
        if len(entries) >= settings.TRUSTED_PROXIES:
            peer = entries[-settings.TRUSTED_PROXIES]
    try:
        address = ip_address(peer.strip("[]"))
    except ValueError:
        return UNKNOWN
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((int(address), 64), strict=False))
    return str(address)
