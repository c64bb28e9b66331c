"""The public pages, and the choice of a space."""

TABLE = """
route               object  method  stranger  zoe  charlie  rita  bob  nina  alice  carl  ida  ada
home                -       GET     200       200  200      200   200  200   200    200   200  200
home                -       POST    405       405  405      405   405  405   405    405   405  405
home                -       other   405       405  405      405   405  405   405    405   405  405
verify_certificate  -       GET     200       200  200      200   200  200   200    200   200  200
verify_certificate  -       POST    405       405  405      405   405  405   405    405   405  405
verify_certificate  -       other   405       405  405      405   405  405   405    405   405  405
terms               -       GET     200       200  200      200   200  200   200    200   200  200
terms               -       POST    405       405  405      405   405  405   405    405   405  405
terms               -       other   405       405  405      405   405  405   405    405   405  405
my_space            -       GET     sign-in   200  302      302   302  302   302    302   302  302
my_space            -       POST    sign-in   405  405      405   405  405   405    405   405  405
my_space            -       other   sign-in   405  405      405   405  405   405    405   405  405
health              -       GET     200       200  200      200   200  200   200    200   200  200
health              -       POST    405       405  405      405   405  405   405    405   405  405
health              -       other   405       405  405      405   405  405   405    405   405  405
"""
