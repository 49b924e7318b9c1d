UPDATE intent SET open = -1;
