"""Who the innocents are. Shares are invented, and chosen so that everybody whom some rule might mistake is there in
numbers: families that share telephones, dormitories, care homes, migrant workers, payment processors.
"""

from __future__ import annotations

from dataclasses import dataclass

HOME = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """`share` of all customers; `group`: how many live or open their accounts together, 1 for alone.

    `logins`, `trades`, `cards` are a customer's average number each day; `incomes` yearly USD, low and high.
    `declared`: how often those who belong together said so.
    """

    name: str
    share: float
    group: int = 1
    address: str = HOME
    occupation: str = "employee"
    incomes: tuple[int, int] = (24_000, 70_000)
    business: bool = False
    logins: float = 0.15
    trades: float = 0.03
    cards: float = 0.1
    declared: float = 0.0


POPULATIONS: tuple[Population, ...] = (
    Population(name="employees", share=0.240, incomes=(24_000, 95_000)),
    Population(name="families", share=0.160, group=4, declared=0.7),
    Population(name="students", share=0.080, occupation="student", incomes=(6_000, 18_000)),
    Population(
        name="student-halls", share=0.030, group=30, address="dormitory", occupation="student", incomes=(6_000, 15_000)
    ),
    Population(name="migrant-workers", share=0.080, group=3, incomes=(16_000, 34_000)),
    Population(name="dormitories", share=0.030, group=24, address="dormitory", incomes=(14_000, 28_000)),
    Population(
        name="care-homes",
        share=0.012,
        group=18,
        address="care-home",
        occupation="retired",
        incomes=(12_000, 26_000),
        logins=0.05,
        trades=0.0,
        cards=0.06,
        declared=0.85,
    ),
    Population(name="retired", share=0.070, occupation="retired", incomes=(14_000, 40_000), logins=0.12),
    Population(name="gig-workers", share=0.050, occupation="self-employed", incomes=(14_000, 36_000)),
    Population(name="creators", share=0.012, occupation="self-employed", incomes=(12_000, 60_000)),
    Population(name="savers", share=0.090, incomes=(30_000, 110_000), trades=0.06),
    Population(name="newcomers", share=0.040, incomes=(25_000, 90_000), trades=0.06),
    Population(name="arbitrage-traders", share=0.010, occupation="trader", incomes=(40_000, 150_000), trades=1.5),
    Population(name="day-traders", share=0.020, incomes=(25_000, 90_000), logins=0.8, trades=1.0),
    Population(name="p2p-merchants", share=0.001, occupation="trader", incomes=(40_000, 200_000), trades=0.5),
    Population(name="market-sellers", share=0.010, occupation="self-employed", incomes=(14_000, 45_000)),
    Population(
        name="small-merchants",
        share=0.025,
        occupation="company",
        incomes=(40_000, 300_000),
        business=True,
        address="business",
    ),
    Population(
        name="firms", share=0.010, occupation="company", incomes=(300_000, 3_000_000), business=True, address="business"
    ),
    Population(
        name="payment-processors",
        share=0.0004,
        occupation="company",
        incomes=(3_000_000, 60_000_000),
        business=True,
        address="business",
    ),
    Population(name="travelling-staff", share=0.006, occupation="sales", incomes=(35_000, 90_000)),
    Population(name="drivers", share=0.010, occupation="driver", incomes=(25_000, 55_000)),
    Population(name="landlords", share=0.005, occupation="self-employed", incomes=(40_000, 140_000)),
    Population(name="unbanked", share=0.010, incomes=(9_000, 22_000)),
    Population(name="club-treasurers", share=0.001),
    Population(name="players", share=0.012, occupation="student", incomes=(6_000, 30_000)),
    Population(name="nomads", share=0.002, occupation="self-employed", address="mail-drop", group=3),
    Population(name="shelters", share=0.001, group=10, address="shelter", occupation="", incomes=(0, 9_000)),
)
NUMBER = {population.name: number for number, population in enumerate(POPULATIONS)}
