/** What is said without the model, by the language of the call. An agent may have its own. */
import type { AgentConfigurations } from '@dograh-trigger/shared';
import type { Phrases } from '../engine/script';

const english: Phrases = {
  filler: 'One moment, please.',
  apology: 'Sorry, could you say that again?',
  closing: 'Sorry, something is not working here. We will be in touch. Goodbye.',
  goodbye: 'Thank you, goodbye.',
};

/** By the first part of a BCP 47 tag. */
const byLanguage: Record<string, Phrases> = {
  en: english,
  de: {
    filler: 'Einen Moment, bitte.',
    apology: 'Entschuldigung, können Sie das noch einmal sagen?',
    closing: 'Entschuldigung, hier funktioniert gerade etwas nicht. Wir melden uns. Auf Wiederhören.',
    goodbye: 'Vielen Dank, auf Wiederhören.',
  },
  es: {
    filler: 'Un momento, por favor.',
    apology: 'Perdón, ¿puede repetirlo?',
    closing: 'Perdón, algo no funciona aquí. Le contactaremos. Adiós.',
    goodbye: 'Gracias, adiós.',
  },
  fr: {
    filler: 'Un instant, s’il vous plaît.',
    apology: 'Pardon, pouvez-vous répéter ?',
    closing: 'Pardon, quelque chose ne fonctionne pas ici. Nous vous recontacterons. Au revoir.',
    goodbye: 'Merci, au revoir.',
  },
  it: {
    filler: 'Un momento, per favore.',
    apology: 'Scusi, può ripetere?',
    closing: 'Scusi, qui qualcosa non funziona. La ricontatteremo. Arrivederci.',
    goodbye: 'Grazie, arrivederci.',
  },
  nl: {
    filler: 'Een ogenblik, alstublieft.',
    apology: 'Sorry, kunt u dat herhalen?',
    closing: 'Sorry, er werkt hier iets niet. We nemen contact met u op. Tot ziens.',
    goodbye: 'Dank u wel, tot ziens.',
  },
  pt: {
    filler: 'Um momento, por favor.',
    apology: 'Desculpe, pode repetir?',
    closing: 'Desculpe, algo não está funcionando aqui. Entraremos em contato. Até logo.',
    goodbye: 'Obrigado, até logo.',
  },
};

/** @param language a BCP 47 tag; null: English. A language without phrases of its own gets English ones. */
export function phrasesFor(language: string | null, { phrases = {} }: AgentConfigurations): Phrases {
  const usual = byLanguage[language?.split('-', 1)[0]?.toLowerCase() ?? 'en'] ?? english;
  return {
    filler: phrases.filler ?? usual.filler,
    apology: phrases.apology ?? usual.apology,
    closing: phrases.closing ?? usual.closing,
    goodbye: phrases.goodbye ?? usual.goodbye,
  };
}
