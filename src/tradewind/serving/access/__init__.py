"""Who may ask what, and how often."""

from tradewind.serving.access.access import Access, KeyAccess, OpenAccess
from tradewind.serving.access.grant import Grant
from tradewind.serving.access.keys import SCOPES, KeyRecord, KeyTerms
from tradewind.serving.access.limits import Limiter, LocalLimiter, RedisLimiter, RedisLimitSettings
from tradewind.serving.access.store import KeyStore, create_key, list_keys, revoke_key

__all__ = [
    "SCOPES",
    "Access",
    "Grant",
    "KeyAccess",
    "KeyRecord",
    "KeyStore",
    "KeyTerms",
    "Limiter",
    "LocalLimiter",
    "OpenAccess",
    "RedisLimitSettings",
    "RedisLimiter",
    "create_key",
    "list_keys",
    "revoke_key",
]
