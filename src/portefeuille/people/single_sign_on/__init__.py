"""Single sign-on by OpenID Connect: who a provider says that somebody is, believed only once it is proved.

allauth keeps the states of attempts and the links, and signs people in. The conversation with the provider is ours,
because allauth's trusts the provider's answers without a signature or a nonce (ADR 0011).
"""
