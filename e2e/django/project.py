"""A whole Django project in one file: SimpleJWT with rotation and blacklist, as the first readers of the guideline run it.

    python3 project.py migrate
    python3 project.py add-user NAME PASSWORD
    python3 project.py serve PORT

Read from the environment: DATABASE (path of an SQLite file), ALLOWED_ORIGIN, ACCESS_SECONDS, LEEWAY_SECONDS.
"""

import os
import secrets
import sys
import threading
from datetime import datetime, timedelta

import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY=os.environ.get("DJANGO_SECRET", secrets.token_hex(32)),
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "rest_framework",
        "rest_framework_simplejwt",
        "rest_framework_simplejwt.token_blacklist",
    ],
    MIDDLEWARE=[__name__ + ".allow_origin"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["DATABASE"],
            "OPTIONS": {"timeout": 20},
        }
    },
    # Cheap on purpose: these tests are not about hashing.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
        "UNAUTHENTICATED_USER": None,
    },
    SIMPLE_JWT={
        "ACCESS_TOKEN_LIFETIME": timedelta(seconds=int(os.environ.get("ACCESS_SECONDS", "300"))),
        "LEEWAY": int(os.environ.get("LEEWAY_SECONDS", "0")),
        "REFRESH_TOKEN_LIFETIME": timedelta(days=30),
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": True,
    },
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command, execute_from_command_line  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.decorators import api_view, permission_classes  # noqa: E402
from rest_framework.permissions import IsAuthenticated  # noqa: E402
from rest_framework.response import Response  # noqa: E402
import jwt.api_jwt  # noqa: E402
import rest_framework_simplejwt.utils  # noqa: E402
from rest_framework_simplejwt.views import (  # noqa: E402
    TokenBlacklistView,
    TokenObtainPairView,
    TokenRefreshView,
)


def allow_origin(get_response):
    """CORS for the one origin that the app is served from."""

    def answer(request):
        response = HttpResponse(status=204) if request.method == "OPTIONS" else get_response(request)
        response["Access-Control-Allow-Origin"] = os.environ.get("ALLOWED_ORIGIN", "")
        response["Access-Control-Allow-Headers"] = "authorization, content-type, idempotency-key"
        response["Access-Control-Allow-Methods"] = "GET, POST, PATCH"
        response["Access-Control-Expose-Headers"] = "WWW-Authenticate, Retry-After"
        return response

    return answer


@api_view(["GET"])
@permission_classes([IsAuthenticated])
def me(request):
    user = request.user
    return Response({"id": user.pk, "username": user.username, "first_name": user.first_name})


@api_view(["GET"])
def ready(request):
    return Response({"ready": True})


class MovedDatetime(datetime):
    """The clock of everything that issues or checks a token, ahead of the machine's as far as a test says."""

    ahead = timedelta(0)

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + cls.ahead

    @classmethod
    def utcnow(cls):
        return datetime.utcnow() + cls.ahead


jwt.api_jwt.datetime = MovedDatetime
rest_framework_simplejwt.utils.datetime = MovedDatetime


@api_view(["POST"])
def clock(request):
    MovedDatetime.ahead = timedelta(seconds=request.data["ahead"])
    return Response({"now": MovedDatetime.utcnow().isoformat()})


urlpatterns = [
    path("api/token/", TokenObtainPairView.as_view()),
    path("api/token/refresh/", TokenRefreshView.as_view()),
    path("api/token/blacklist/", TokenBlacklistView.as_view()),
    path("api/me/", me),
    path("ready", ready),
    path("clock", clock),
]


def end_with_stdin():
    """Whoever started this server holds its standard input open; it ends with them."""
    sys.stdin.read()
    os._exit(0)


def main(arguments):
    command, *rest = arguments
    if command == "migrate":
        call_command("migrate", verbosity=0)
    elif command == "add-user":
        name, password = rest
        get_user_model().objects.create_user(name, password=password, first_name="Zoë 漢字")
    elif command == "serve":
        threading.Thread(target=end_with_stdin, daemon=True).start()
        execute_from_command_line(["project.py", "runserver", "--noreload", "127.0.0.1:" + rest[0]])
    else:
        sys.exit("Say migrate, add-user or serve.")


if __name__ == "__main__":
    main(sys.argv[1:])
