console.error('under construction');
process.exitCode = 1;
