"""How a person uses a page: with a mouse, or with a keyboard alone. Both find things by what they are called."""

from playwright.async_api import Locator, Page, expect

_MOST_TABS = 250


class Mouse:
    """`presses`: links and buttons since it was asked last."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses = page, 0

    async def press(self, role: str, name: str) -> None:
        self.presses += 1
        await _named(self.page, role, name).click()

    async def write(self, label: str, text: str) -> None:
        await self.page.get_by_label(label, exact=True).first.fill(text)

    async def pick(self, label: str) -> None:
        """One of several (radio buttons)."""
        await self.page.get_by_label(label, exact=True).check()


class Keyboard:
    """Tab, Enter and letters; nothing that is not reached by Tab exists, and what has the focus can be seen to."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses = page, 0

    async def press(self, role: str, name: str) -> None:
        self.presses += 1
        await self._tab_to(_named(self.page, role, name))
        await self.page.keyboard.press("Enter")

    async def write(self, label: str, text: str) -> None:
        await self._tab_to(self.page.get_by_label(label, exact=True).first)
        await self.page.keyboard.press("ControlOrMeta+a")
        await self.page.keyboard.type(text)

    async def pick(self, label: str) -> None:
        """Tab comes to the group, arrows go from one to the next and choose it."""
        wanted = self.page.get_by_label(label, exact=True)
        group = self.page.locator(f"[name={await wanted.get_attribute('name')}]")
        await self._tab_to(group.first)
        await self.page.keyboard.press("Space")
        for _ in range(await group.count()):
            if await wanted.is_checked():
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {label}")

    async def _tab_to(self, wanted: Locator) -> None:
        await wanted.wait_for()
        for _ in range(_MOST_TABS):
            if await wanted.evaluate("each => each === document.activeElement"):
                await expect(wanted).to_be_in_viewport()
                assert await wanted.evaluate(_IS_MARKED), await wanted.evaluate("each => each.outerHTML")
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"{wanted} is not reached by Tab")


_IS_MARKED = """each => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""


def _named(page: Page, role: str, name: str) -> Locator:
    return page.get_by_role(role, name=name, exact=True).first
