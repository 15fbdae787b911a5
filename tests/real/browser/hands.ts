/** The two ways to operate a page: with a mouse, or with the keyboard alone. */
import type { Locator, Page } from 'playwright-core';

export interface Hands {
  /** Presses a button, a link or a checkbox. */
  press(target: Locator): Promise<void>;
  /** Replaces the text of a field. */
  write(field: Locator, text: string): Promise<void>;
  /** Chooses one of several tabs. */
  choose(tab: Locator): Promise<void>;
  /** Starts the player. */
  play(player: Locator): Promise<void>;
}

export function mouse(page: Page): Hands {
  return {
    press: (target) => target.click(),
    async write(field, text) {
      await field.click();
      await replaceText(page, text);
    },
    choose: (tab) => tab.click(),
    async play(player) {
      const box = await player.boundingBox();
      if (box === null) throw new Error('The player is not on the page');
      // The button at the left end of the browser's own controls.
      await player.click({ position: { x: 24, y: box.height / 2 } });
    },
  };
}

export function keyboard(page: Page): Hands {
  async function press(target: Locator): Promise<void> {
    await moveFocusTo(page, target);
    await page.keyboard.press((await target.getAttribute('type')) === 'checkbox' ? 'Space' : 'Enter');
  }
  return {
    press,
    async write(field, text) {
      await moveFocusTo(page, field);
      await replaceText(page, text);
    },
    async choose(tab) {
      const tabs = tab.locator('xpath=..');
      await moveFocusTo(page, tabs.getByRole('tab', { selected: true }));
      const count = await tabs.getByRole('tab').count();
      for (let moves = 0; moves < count && !(await hasFocus(tab)); moves += 1) {
        await page.keyboard.press('ArrowRight');
      }
      if (!(await hasFocus(tab))) throw new Error(`The arrow keys do not reach ${tab.toString()}`);
    },
    async play(player) {
      await moveFocusTo(page, player);
      await page.keyboard.press('Space');
    },
  };
}

async function replaceText(page: Page, text: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(text);
}

const mostStops = 120;

/** @throws Error when the Tab key does not lead to it. */
async function moveFocusTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let stops = 0; stops < mostStops; stops += 1) {
    if (await hasFocus(target)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`The Tab key does not lead to ${target.toString()}`);
}

async function hasFocus(target: Locator): Promise<boolean> {
  return (await target.and(target.page().locator(':focus')).count()) > 0;
}
