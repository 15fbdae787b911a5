import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './ui/back-button';
import { App } from './app';
import './ui/base.css';
import { applyTheme } from './ui/theme';

applyTheme();

const place = document.getElementById('console');
if (place === null) throw new Error('index.html has no element with the id "console"');
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
