export { decodeSafetensors, encodeSafetensors, type TensorFile } from '../safetensors.js';
