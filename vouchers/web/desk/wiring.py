"""What the retailer's pages about vouchers add to the application."""

from foundation.languages import lazy
from foundation.wiring import MenuEntry, Package
from vouchers.web.desk import agreements, devices, practice, redemptions, registers, tills, webhooks

GROUP = lazy("Gutscheine")
MENU = (
    MenuEntry("desk", "desk_redemptions.redemptions", lazy("Einlösungen"), 50, redemptions.PERMISSION, GROUP),
    MenuEntry("desk", "desk_agreements.agreements", lazy("Vereinbarungen"), 55, agreements.PERMISSION, GROUP),
    MenuEntry("desk", "desk_tills.tills", lazy("Kassen"), 60, tills.PERMISSION, GROUP),
    MenuEntry("desk", "desk_registers.registers", lazy("Kassensysteme"), 65, registers.PERMISSION, GROUP),
)
PACKAGE = Package(
    modules=(devices, practice),
    pages=(tills.desk, redemptions.desk, agreements.desk, registers.desk, webhooks.desk),
    menu=MENU,
)
