// The decision-table editor in Chinese.
export default {
};
