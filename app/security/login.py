"""Who asks, by the log-in that Chainlit gave their page: for our own routes."""

from fastapi import HTTPException, Request

from memory.types import UserId


def user_of(request: Request) -> UserId:
    """Raises 401 for whoever is not logged in."""
    from chainlit.auth.cookie import get_token_from_cookies  # not before its environment is prepared
    from chainlit.auth.jwt import decode_jwt
    from jwt import InvalidTokenError

    try:
        return UserId(decode_jwt(get_token_from_cookies(request.cookies) or "").identifier)
    except InvalidTokenError as exc:
        raise HTTPException(401, "Please open the page first: it logs you in.") from exc
