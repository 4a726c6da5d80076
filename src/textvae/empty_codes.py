"""When a rate is hardly information: I(x; z) below a tenth, or below a third, of R.

R = I + KL(q(z) || p(z)): a rate may be met by codes that are far from the prior but nearly the same
for every sentence. The estimate of I from above decides, because that from below is at most log N
and says nothing where R is far above it.
"""

# The share of the rate below which a code carries next to nothing: claims count it as collapsed.
MIN_SHARE = 0.1
# The share of the rate below which the information is reported.
LITTLE_SHARE = 1 / 3
# In nats. A smaller rate is itself the report.
MIN_RATE = 0.1


def carries_little(rate: float, information: float) -> bool:
    """Return whether I is less than a third of R, given an estimate of I from above."""
    return rate >= MIN_RATE and information < LITTLE_SHARE * rate


def use_of_code(rate: float, information: float) -> float:
    """Return how much use is made of a code; below 1 it carries next to nothing.

    It is R in tenths of a nat, or I, estimated from above, in tenths of R, if that is less.
    """
    share = max(0.0, information) / rate if rate > 0 else 0.0
    return min(rate / MIN_RATE, share / MIN_SHARE)


def description(rate: float, information: float) -> str:
    """Return the sentence that reports it, given an estimate of I from above."""
    decimals = 1 if rate >= 1 else 2
    carried = max(0.0, round(information, decimals))
    rest = round(rate, decimals) - carried
    amount = "next to nothing" if information < MIN_SHARE * rate else "little"
    share = max(0.0, information / rate)
    return (
        f"the code carries at most {carried:.{decimals}f} of {rate:.{decimals}f} nats, {amount} "
        f"({share:.0%} of R); the other {rest:.{decimals}f} are the distance of q(z) from p(z), "
        "which depends on no sentence"
    )
